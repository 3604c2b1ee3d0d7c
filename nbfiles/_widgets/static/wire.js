// Questions to the kernel, and its answers. A model may have several views; each hears its own answers.

const PATIENCE_MS = 1000; // a kernel that is free answers in milliseconds

/**
 * @param {any} model
 * @param {(message: any) => void} hear what the kernel says unasked
 * @param {(text: string) => void} say what a person is to know
 */
export function wire(model, hear, say) {
  const view = Math.random().toString(36).slice(2);
  /** @type {Map<number, {resolve: (answer: any) => void, timer: number, waited: boolean}>} */
  const asked = new Map();
  let last = 0;

  /** @param {any} message */
  function listen(message) {
    if (message.view === undefined) return hear(message);
    const question = message.view === view ? asked.get(message.number) : undefined;
    if (!question) return;
    clearTimeout(question.timer);
    if (message.heard || question.waited) say(message.heard ?? "");
    question.waited = false;
    if (message.heard !== undefined) return;
    asked.delete(message.number);
    question.resolve(message);
  }

  /** The answer, or null where there is no kernel any more. @param {string} what @param {object} more @returns {Promise<any>} */
  function ask(what, more = {}) {
    const number = ++last;
    return new Promise((resolve) => {
      const question = { resolve, timer: setTimeout(waits, PATIENCE_MS), waited: false };
      asked.set(number, question);
      function waits() {
        question.waited = true;
        say("Waiting for the running cell. If the kernel was restarted, run this cell again.");
      }
      try {
        model.send({ ask: what, view, number, ...more });
      } catch {
        clearTimeout(question.timer);
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
      for (const { timer } of asked.values()) clearTimeout(timer);
    },
  };
}
