// @ts-check
/** Under a letter: what became of it, and what can be done with it. */
import { fill, h } from "./dom.js";
import * as time from "./time.js";

/** @param {any} m @param {any} setup @param {(verb: string) => void} act */
export function letterFoot(m, { texts }, act) {
  const { delivery } = m.body;
  const button = (/** @type {string} */ verb) => h("button", { type: "button", text: texts[`letter_${verb}`], onclick: () => act(verb) });
  const failed = ["failed", "bounced", "nobody"].includes(delivery?.state);
  const words = delivery && fill(texts[`delivery_${delivery.state}`] || delivery.state, {
    when: delivery.at ? time.moment(delivery.at) : "", error: delivery.error,
  }) + (delivery.twice ? ` · ${texts.delivery_twice}` : "");
  return h("p", { class: `desk-foot${failed ? " failed" : ""}` },
    words && h("span", { text: words }),
    delivery?.state === "queued" && m.author === "agent" && button("call_back"),
    failed && button("send_again"),
    m.kind === "text" && button("forward"),
    m.kind === "text" && button("split"));
}
