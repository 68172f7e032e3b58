import { verify } from "./verify.js";

export default {
  async fetch(request) {
    await verify(await request.json());
    return new Response("ok");
  },
};
