/** Gives bytes to the browser as a file. Names are made of safe characters: a device may have named the part. */
export function save(content: Blob | Uint8Array, name: string, mediaType = "application/octet-stream"): void {
  const blob = content instanceof Blob ? content : new Blob([content as Uint8Array<ArrayBuffer>], { type: mediaType });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = safeName(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^\.+/, "_").slice(0, 120) || "file";
}
