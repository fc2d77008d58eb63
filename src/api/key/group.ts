import { Elysia } from "elysia";

/** For some of the routes of this group (see `createApp`). */
export const keyGroup = () => new Elysia({ prefix: "/api/v1/auth", tags: ["key"] });
