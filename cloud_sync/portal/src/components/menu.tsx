import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "./button";

export interface MenuItem {
  readonly text: string;
  readonly onChoose: () => void;
  /** For one of several choices: whether it is the present one. */
  readonly chosen?: boolean;
}

/** A button with a menu below it (WAI-ARIA menu button): arrows move, Home and End jump, Escape closes. */
export function Menu({ label, items, children }: { readonly label: string; readonly items: readonly MenuItem[]; readonly children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const entries = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
  const close = (): void => {
    setOpen(false);
    box.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return;
    entries()[0]?.focus();
    const outside = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  const move = (event: KeyboardEvent): void => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    if (event.key === "Escape" || to !== undefined) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return (
    <div class="menu" ref={box}>
      <Button look="quiet" aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} aria-label={label} onClick={() => setOpen(!open)}>
        {children}
      </Button>
      {open && (
        <div class="items" id={id} role="menu" aria-label={label} onKeyDown={move}>
          {items.map((item) => (
            <button
              key={item.text}
              type="button"
              tabIndex={-1}
              role={item.chosen === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.chosen}
              onClick={() => {
                close();
                item.onChoose();
              }}
            >
              {item.chosen !== undefined && <span aria-hidden="true">{item.chosen ? "●" : "○"}</span>}
              {item.text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
