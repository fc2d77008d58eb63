import { Elysia } from "elysia";

/** For some of the routes of this group (see `createApp`). */
export const orgGroup = () => new Elysia({ prefix: "/v1", tags: ["org"] });
