// The state of rows as text, for the eye and for a screen reader.
import { isOver } from "./sender.js";

/**
 * The state of a row as a person reads it.
 * @param {object} row
 * @param {boolean} waits whether the kernel does not answer
 */
export function describeState(row, waits = false) {
  if (waits && ["queued", "asking", "receiving"].includes(row.state)) {
    return "waiting for the running cell, or for a slow connection";
  }
  switch (row.state) {
    case "queued": return "waiting for its turn";
    case "asking": return "asking the notebook";
    case "receiving": return `to the notebook: ${row.rate.describe(row.received, row.size)}`;
    case "waiting": return "in the notebook, waiting for its upload";
    case "reading": return "reading its text";
    case "uploading": return row.note || `uploading: ${row.rate.describe(row.sent, row.size)}`;
    case "already there": return withNote("already there, nothing was sent", row.note);
    case "lost": return "The kernel was restarted or ended before this file was uploaded. Drop it again.";
    case "failed": case "broken": return row.note || "failed";
    default: return withNote(row.state, row.note);
  }
}

/** The whole way in percent: half of it to the notebook, half of it to the API. */
export function percent(row) {
  if (row.ask) return 100;
  return row.size ? Math.floor((50 * (row.received + Math.min(row.sent, row.size))) / row.size) : 0;
}

/**
 * What a screen reader says when rows have ended since it last spoke.
 * @param {object[]} ended the rows that ended
 * @param {object[]} rows all of them
 */
export function announcement(ended, rows) {
  if (!ended.length) return "";
  const one = ended.length === 1 ? `${ended[0].name}: ${describeState(ended[0]).replace(/\.?$/, ".")}` : "";
  if (one && !(rows.length > 1 && rows.every(isOver))) return `${one}${next(ended)}`;
  const failed = rows.filter((row) => isOver(row) && !row.ask).length;
  const done = rows.filter((row) => row.ask).length;
  const all = `${done} of ${rows.length} files uploaded${failed ? `, ${failed} not` : ""}.`;
  return `${one && `${one} `}${all}${next(ended)}`;
}

function next(rows) {
  const done = rows.find((row) => row.ask);
  return done ? ` Next, type ${done.ask}` : "";
}

function withNote(text, note) {
  return note ? `${text}: ${note}` : text;
}
