// Requests to this page's own server.

export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status; // 0: no answer at all
  }
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Problem(0, "The server does not answer. It may be restarting.");
  }
  let body;
  try {
    body = await response.json();
  } catch {
    throw new Problem(response.status, "The server answered something that cannot be read.");
  }
  if (!response.ok) throw new Problem(response.status, body.problem ?? "The server could not do that.");
  return body;
}

// `background`: asked by a timer, not by a person, so it does not keep the session alive.
export function get(path, { background = false } = {}) {
  return request(path, background ? { headers: { "X-Background": "1" } } : {});
}

export function post(path, body = {}) {
  return request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

// "sites/home/records/ID", as the cloud names it, becomes the address of its record here.
export function recordUrl(path) {
  const [, site, , id] = path.split("/");
  return `/api/records/${encodeURIComponent(site)}/${encodeURIComponent(id)}`;
}

// The address of a record's page, and back.
export function recordLink(path) {
  return `#/${encodeURI(path)}`;
}

export function pathInHash() {
  try {
    return decodeURI(location.hash.slice(2));
  } catch {
    return location.hash.slice(2); // no link of ours: the server will not know it
  }
}
