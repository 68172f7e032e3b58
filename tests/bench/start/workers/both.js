import { getToken } from "./get-token.js";
import { verify } from "./verify.js";

export default {
  async fetch(request) {
    await verify(await request.json());
    await getToken();
    return new Response("ok");
  },
};
