// Refreshes the page in place while nobody types, selects or looks away; without this file the page
// is complete, and reloads itself by its own head.
(() => {
  "use strict";
  const main = document.getElementById("main");
  const lost = document.querySelector(".lost");
  const here = document.querySelector(".top [aria-current]");
  here?.scrollIntoView({ block: "nearest", inline: "center" });
  const seconds = Number(main.dataset.refreshSeconds);
  if (!seconds) return;
  let shownAt = new Date();

  const isBusy = () => {
    const field = document.activeElement;
    const typed = field && main.contains(field) && field.matches("input, textarea, select");
    return document.hidden || typed || !document.getSelection().isCollapsed;
  };
  const openNames = () => [...main.querySelectorAll("details[open]")].map((one) => one.id);

  const refresh = async () => {
    if (isBusy()) return;
    try {
      const answer = await fetch(location.href, {
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout(10000),
      });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const content = fresh.getElementById("main");
      if (!content) throw new Error("no page");
      if (isBusy()) return;
      const focused = document.activeElement && document.activeElement.id;
      const open = openNames();
      main.replaceChildren(...content.childNodes);
      document.title = fresh.title;
      open.forEach((id) => id && document.getElementById(id)?.setAttribute("open", ""));
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      shownAt = new Date();
      lost.hidden = true;
      document.body.classList.remove("stale");
    } catch {
      const time = shownAt.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      lost.textContent = `The service does not answer. This is what it said at ${time}.`;
      lost.hidden = false;
      document.body.classList.add("stale");
    }
  };
  setInterval(refresh, seconds * 1000);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
})();
