import { getToken } from "./get-token.js";

export default {
  async fetch(request) {
    await request.json();
    await getToken();
    return new Response("ok");
  },
};
