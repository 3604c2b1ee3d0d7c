// How fast a file is sent, and how long it still takes.
import { size, span } from "./formatting.js";

/** How fast something grows, from its last seconds. */
export class TransferRate {
  static WINDOW_MS = 5000; // ms

  /** @type {[number, number][]} moments in ms and counts */
  #points = [];

  /** @param {number} now @param {number} count */
  add(now, count) {
    const points = this.#points;
    if (points.length && count < points[points.length - 1][1]) points.length = 0; // it started anew
    points.push([now, count]);
    while (points.length > 2 && points[0][0] < now - TransferRate.WINDOW_MS) points.shift();
  }

  /** Bytes a second, or 0 while nothing is known. */
  get perSecond() {
    const points = this.#points;
    if (points.length < 2) return 0;
    const [[begin, from], [end, to]] = [points[0], points[points.length - 1]];
    return end > begin ? ((to - from) * 1000) / (end - begin) : 0;
  }

  /** `45 %, 62.0 MB/s, 3 s left`. @param {number} done @param {number} total */
  describe(done, total) {
    const share = `${total ? Math.floor((100 * done) / total) : 0} %`;
    const rate = this.perSecond;
    if (!rate || done >= total) return share;
    return `${share}, ${size(Math.round(rate))}/s, ${span(Math.max(1, (total - done) / rate))} left`;
  }
}
