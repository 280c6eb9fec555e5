import { useEffect, useRef } from "preact/hooks";
import { singleKeys } from "../preferences";

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || (target.matches("input, textarea, select") && !target.matches("[type=checkbox], [type=radio], [type=range]"));
}

/** Single keys (`event.key`) for the page that is shown. They rest while somebody types, with a modifier, and behind a dialog. */
export function useKeys(keys: Keys): void {
  const present = useRef(keys);
  present.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!singleKeys.value && event.key.length === 1) return;
      if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
      const action = present.current[event.key];
      if (!action) return;
      // A key that a focused control needs for itself stays with the control.
      if ((event.key === "Enter" || event.key === " ") && event.target instanceof HTMLElement && event.target.closest("a, button, summary, [role=tab]")) return;
      event.preventDefault();
      action(event);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
