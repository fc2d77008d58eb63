import { Elysia } from "elysia";

/** For some of the routes of this group (see `createApp`). */
export const portalGroup = () => new Elysia({ prefix: "/api/v1/auth", tags: ["portal"] });
