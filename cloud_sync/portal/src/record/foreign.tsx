import { harmless } from "./text";

/** A text that a device sent or somebody typed: text only, and it cannot rearrange the words around it. */
export function Foreign({ text, lines = false }: { readonly text: string; readonly lines?: boolean }) {
  return (
    <bdi class={lines ? "foreign lines" : "foreign"} dir="auto">
      {harmless(text)}
    </bdi>
  );
}
