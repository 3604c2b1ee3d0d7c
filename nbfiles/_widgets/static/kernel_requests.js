// Requests to the kernel, and its replies. A model may have several views; each gets its own replies.

const REPLY_MS = 1000; // a kernel that is free answers in milliseconds

/**
 * @param {any} model
 * @param {(message: any) => void} receive what the kernel sends by itself
 * @param {(text: string) => void} say shows a person a line
 */
export function kernelRequests(model, receive, say) {
  const view = Math.random().toString(36).slice(2);
  /** @type {Map<number, {resolve: (answer: any) => void, timer: number, waited: boolean}>} */
  const pending = new Map();
  let last = 0;

  /** @param {any} message */
  function listen(message) {
    if (message.view === undefined) return receive(message);
    const request = message.view === view ? pending.get(message.number) : undefined;
    if (!request) return;
    clearTimeout(request.timer);
    if (message.status || request.waited) say(message.status ?? "");
    request.waited = false;
    if (message.status !== undefined) return;
    pending.delete(message.number);
    request.resolve(message);
  }

  /** The reply, or null where there is no kernel any more. @param {string} what @param {object} more @returns {Promise<any>} */
  function ask(what, more = {}) {
    const number = ++last;
    return new Promise((resolve) => {
      const request = { resolve, timer: setTimeout(waits, REPLY_MS), waited: false };
      pending.set(number, request);
      function waits() {
        request.waited = true;
        say("Waiting for the running cell. If the kernel was restarted, run this cell again.");
      }
      try {
        model.send({ ask: what, view, number, ...more });
      } catch {
        clearTimeout(request.timer);
        say("The kernel is gone. Run this cell again.");
        resolve(null);
      }
    });
  }

  model.on("msg:custom", listen);
  return {
    ask,
    close() {
      model.off("msg:custom", listen);
      for (const { timer } of pending.values()) clearTimeout(timer);
    },
  };
}
