// @ts-check
/** Files to the server, with how much of them has left: fetch does not tell. */
import { Refused } from "./api.js";

/**
 * @param {any} setup @param {string} path below the desk @param {FormData} body
 * @param {(share: number) => void} progress @returns {{done: Promise<any>, stop: () => void}}
 */
export function upload(setup, path, body, progress) {
  const { texts, urls, csrf } = setup;
  const call = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    const refuse = (/** @type {string} */ code, message = "") => reject(new Refused(message || texts.failed_action, code, call.status));
    call.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    call.onabort = () => refuse("stopped");
    call.onerror = () => refuse("network");
    call.onload = () => {
      const answer = read(call.responseText);
      if (call.status < 300) resolve(answer);
      else refuse(answer.error || "failed", answer.message);
    };
  });
  call.open("POST", urls.base + path);
  for (const [name, value] of [["Accept", "application/json"], ["X-CSRFToken", csrf], ["X-Requested-With", "fetch"]]) {
    call.setRequestHeader(name, value);
  }
  call.send(body);
  return { done, stop: () => call.abort() };
}

/** @param {string} answer */
function read(answer) {
  try {
    return JSON.parse(answer);
  } catch {
    return {}; // a page of somebody between us and the server
  }
}
