// Sizes and ages as people write them, as nbfiles/_display/formatting.py does.

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  for (const [unit, factor] of /** @type {[string, number][]} */ ([["KB", 1e3], ["MB", 1e6], ["GB", 1e9]])) {
    if (bytes < 999.95 * factor) return `${(bytes / factor).toFixed(1)} ${unit}`;
  }
  return `${(bytes / 1e12).toFixed(1)} TB`;
}

/** @param {number} seconds */
export function span(seconds) {
  for (const [unit, length] of /** @type {[string, number][]} */ ([["day", 86400], ["h", 3600], ["min", 60]])) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${unit === "day" && count > 1 ? "s" : ""}`;
  }
  return `${Math.round(seconds)} s`;
}

/** How long ago a moment was, both in seconds since 1970. @param {number} moment @param {number} now */
export function ago(moment, now) {
  return now - moment < 60 ? "just now" : `${span(now - moment)} ago`;
}

/** How long something lasts. @param {number | null} moment @param {number} now */
export function until(moment, now) {
  if (moment === null) return "never";
  return moment <= now ? "expired" : `in ${span(moment - now)}`;
}

/** @param {number} count */
export function files(count) {
  return `${count.toLocaleString("en")} file${count === 1 ? "" : "s"}`;
}

/** A long text, cut in the middle, where names differ least. @param {string} text @param {number} width */
export function short(text, width = 60) {
  const letters = [...text];
  const half = Math.floor((width - 1) / 2);
  return letters.length <= width ? text : `${letters.slice(0, half).join("")}…${letters.slice(-half).join("")}`;
}

/** A name as it is typed in a cell: in quotes where it has blanks. @param {string} name */
export function typed(name) {
  return /\s/.test(name) ? `"${name}"` : name;
}
