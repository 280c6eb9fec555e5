// The one connection to the kiosk. It says what to show; when it falls silent, the page must forget what it shows.

const SILENT_MS = 6000; // three missed pings (PING_S in pages.py)
const RETRY_MS = 700;

/** Call `onView` for each view and `onLost` when the kiosk cannot be heard any more. Reconnects for ever. */
export function listen(onView, onLost) {
  let source, silence, session;

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(lost, SILENT_MS);
  };

  const lost = () => {
    clearTimeout(silence);
    source.close();
    onLost();
    setTimeout(connect, RETRY_MS);
  };

  const connect = () => {
    source = new EventSource("/events");
    heard();
    source.onerror = lost;
    source.addEventListener("ping", heard);
    source.addEventListener("view", (event) => {
      heard();
      const view = JSON.parse(event.data);
      if (session && session !== view.session) return location.reload(); // the kiosk was restarted, perhaps with new pages
      session = view.session;
      onView(view);
    });
  };

  connect();
}

/** Tell the kiosk about a touch on `view`. What it refuses (a page that has just gone) needs no answer. */
export function tell(view, say, value = null) {
  const body = JSON.stringify({ session: view.session, sequence: view.sequence, say, value });
  fetch("/touch", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => {});
}
