// The people of tests/journeys/test_kills.py: the product's own transport, and a ledger of what it
// was told. Evaluated in a page of ours.
async ({ chats, site, desk, pace }) => {
  const { Transport } = await import("/static/crm/transport.js");
  const actors = new Map();
  const key = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
  const actor = (i) => ({ i, said: [], acked: [], heard: [], left: 0 });
  const codes = [];
  const link = (more, of) => new Transport({
    store: null,
    onState: (state, code) => state === "closed" && codes.push(code),
    onLine(line, state) {
      if (state === "sent") of(line.i).left += 1;
      else of(line.i).acked.push([line.client_id, state]);
    },
    onFrame: ({ t, i, m }) => t === "message" && m.kind === "text" && of(i).heard.push(m.client_id),
    ...more,
  });
  for (const { i } of chats) actors.set(i, actor(i));
  const links = desk
    ? [link({ url: "/ws/console/" }, (i) => actors.get(i))]
    : chats.map(({ i, token }) => link({ url: "/ws/visitor/", hello: () => ({ token, site }) }, () => actors.get(i)));
  if (desk) for (const { i } of chats) links[0].follow(i, 0);
  let turn = 0;
  const say = () => {
    const at = turn++ % chats.length;
    const { i } = chats[at];
    const client_id = key();
    actors.get(i).said.push(client_id);
    links[desk ? 0 : at].say(i, client_id, `Ligne ${actors.get(i).said.length}`);
  };
  const timer = setInterval(say, pace);
  window.ledger = {
    stop: () => clearInterval(timer),
    waiting: () => links.reduce((sum, one) => sum + [...one.pending.values()].length, 0),
    codes: () => codes,
    ready: () => links.every((one) => one.ready),
    progress: () => [...actors.values()].map(({ acked }) => acked.length),
    read: () => [...actors.values()],
  };
}
