// The page's side of the service worker.

/** After the page is drawn: the worker's own fetching must not delay it. Nothing depends on it, so nothing is said where it fails. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const begin = async (): Promise<void> => {
    await navigator.serviceWorker.register("./sw.js");
    const { active } = await navigator.serviceWorker.ready;
    // The worker was not there yet while these were fetched.
    const fetched = performance.getEntriesByType("resource").map((entry) => entry.name);
    active?.postMessage(fetched);
  };
  setTimeout(() => void begin().catch(() => undefined), 1_000);
}
