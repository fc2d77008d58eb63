import { Elysia } from "elysia";

/** For some of the routes of this group (see `createApp`). */
export const adminGroup = () => new Elysia({ prefix: "/api/v1/admin", tags: ["admin"] });
