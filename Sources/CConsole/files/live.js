// What changes while somebody looks: told by the server, else asked for quietly.

const pause = 15000;  // between two quiet looks
const gather = 300;   // a burst of entries is one look

// Calls `look` when something may have changed, and `tell` with how; answers what ends it.
export function watch(customer, look, tell) {
  let timer = null, soon = null, stream = null, isEnded = false;
  const quietly = () => {
    if (timer || isEnded) return;
    tell("quiet");
    timer = setInterval(() => { if (!document.hidden) look(); }, pause);
  };
  const loudly = () => {
    clearInterval(timer);
    timer = null;
    tell("live");
  };
  const seen = () => {
    clearTimeout(soon);
    soon = setTimeout(look, gather);
  };
  let wasOpen = false;
  // A browser has six lines to a server, so only a tab that is looked at holds one.
  const listen = () => {
    stream = new EventSource(`/v1/live?customer=${encodeURIComponent(customer)}`);
    stream.addEventListener("open", () => {
      loudly();
      // What came meanwhile is not told twice.
      if (wasOpen) seen();
      wasOpen = true;
    });
    stream.addEventListener("entry", seen);
    stream.addEventListener("error", quietly);
  };
  const shown = () => {
    if (document.hidden) return stream?.close();
    if (timer) look();
    if (!stream || stream.readyState === 2) listen();
  };
  if (!document.hidden) listen();
  document.addEventListener("visibilitychange", shown);
  return () => {
    isEnded = true;
    stream?.close();
    clearInterval(timer);
    clearTimeout(soon);
    document.removeEventListener("visibilitychange", shown);
  };
}
