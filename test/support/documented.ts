// The served documentation as a judge: which statuses an operation has, and whether an answer is exactly what is described there.
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020.js";
import type { World } from "./world.ts";

/** What is wrong with the body of an answer; nothing: it is as described. */
type Judge = (body: unknown) => string[];

interface Described {
  content?: Record<string, { schema?: object }>;
}

export interface Documented {
  id: string;
  method: string;
  path: string;
  /** Wants a Bearer. */
  guarded: boolean;
  /** Open to who acts as another user. */
  evenActing: boolean;
  takesForm: boolean;
  statuses: number[];
  judges: Map<number, Judge>;
}

export interface Documentation {
  operations: Documented[];
  /** What any operation may answer besides, for what it is asked in: status → what is wrong with a body. */
  common: Map<number, Judge>;
}

/** Says no to whatever is not described, where the documentation merely does not forbid it. */
function sealed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(sealed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, sealed(value)]));
  return "properties" in schema && !("additionalProperties" in schema)
    ? { ...inside, additionalProperties: false }
    : inside;
}

export async function readDocumentation({ send }: Pick<World, "send">): Promise<Documentation> {
  const { body: document } = await send("GET", "/swagger/json");
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: "api", components: sealed(document.components) });
  const judge = (described: Described): Judge => {
    const schema = described.content?.["application/json"]?.schema;
    if (!schema) return (body) => (body === "" ? [] : ["a body, although none is described"]);
    const pointed = JSON.parse(
      JSON.stringify(sealed(schema)).replaceAll('"#/components/', '"api#/components/'),
    ) as object;
    const validate: ValidateFunction = ajv.compile(pointed);
    return (body) =>
      validate(body) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ""}`);
  };
  const common = new Map(
    Object.entries<Described>(document.components.responses ?? {}).map(([name, described]) => [
      Number(name),
      judge(described),
    ]),
  );
  const paths = Object.entries<Record<string, Operation>>(document.paths);
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => describe(method, path, operation, judge)),
  );
  return { operations, common };
}

interface Operation {
  operationId: string;
  security?: unknown[];
  "x-impersonation"?: boolean;
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
  responses: Record<string, Described>;
}

function describe(
  method: string,
  path: string,
  operation: Operation,
  judge: (described: Described) => Judge,
): Documented {
  const judges = new Map(
    Object.entries(operation.responses).map(([status, described]) => [Number(status), judge(described)]),
  );
  const content = operation.requestBody?.content ?? {};
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    guarded: (operation.security?.length ?? 0) > 0,
    evenActing: operation["x-impersonation"] === true,
    takesForm: "application/x-www-form-urlencoded" in content,
    statuses: [...judges.keys()],
    judges,
  };
}
