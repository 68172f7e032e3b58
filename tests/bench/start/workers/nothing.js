export default {
  async fetch(request) {
    await request.json();
    return new Response("ok");
  },
};
