// What changes while somebody looks: told by the server, else asked for quietly.
import {listen} from "./api.js";

const pause = 15000;   // between two quiet looks
const gather = 300;    // a burst of entries is one look
const longest = 60000; // between two tries to listen

// Calls `look` when something may have changed; answers what ends it.
export function watch(customer, look, tell) {
  let quiet = null, soon = null, later = null, line = null, wait = 1000, isLate = false;
  const seen = () => {
    clearTimeout(soon);
    soon = setTimeout(look, gather);
  };
  const hush = () => {
    clearTimeout(later);
    line?.abort();
    line = null;
  };
  // By fetch, which brings the console's mark over plain HTTP too.
  async function hear() {
    const mine = line = new AbortController();
    try {
      const answer = await listen(`/v1/live?customer=${encodeURIComponent(customer)}`, mine.signal);
      wait = Math.max(wait, 1000 * answer.headers.get("Retry-After"));
      if (answer.ok) {
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        clearInterval(quiet);
        quiet = null;
        wait = 1000;
        tell("live");
        // What came meanwhile is not told twice.
        if (isLate) seen();
        isLate = true;
        for (let rest = "", part; !(part = await reader.read()).done;) {
          rest += part.value;
          if (/^event: entry$/m.test(rest)) seen();
          rest = rest.slice(rest.lastIndexOf("\n") + 1);
        }
      }
    } catch { /* the line is cut, or never was */ }
    if (mine.signal.aborted) return;
    tell("quiet");
    quiet ??= setInterval(() => { if (!document.hidden) look(); }, pause);
    later = setTimeout(hear, wait);
    wait = Math.min(2 * wait, longest);
  }
  // A browser has six lines to a server, so only a tab that is looked at holds one.
  const shown = () => {
    hush();
    if (document.hidden) return;
    if (quiet) look();
    hear();
  };
  shown();
  document.addEventListener("visibilitychange", shown);
  return () => {
    hush();
    clearInterval(quiet);
    clearTimeout(soon);
    document.removeEventListener("visibilitychange", shown);
  };
}
