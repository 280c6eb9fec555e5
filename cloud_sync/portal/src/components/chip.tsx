import type { ComponentChildren } from "preact";

export type ChipLook = "plain" | "urgent" | "unsure" | "machine" | "person" | "warning";

/** A word with a frame. What the machine said is dashed, what a person said is solid; colour is never alone. */
export function Chip({ look = "plain", title, children }: { readonly look?: ChipLook; readonly title?: string; readonly children: ComponentChildren }) {
  return (
    <span class={`chip ${look}`} {...(title !== undefined && { title })}>
      {children}
    </span>
  );
}
