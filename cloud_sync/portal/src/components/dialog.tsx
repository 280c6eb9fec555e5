import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "./button";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  /** Buttons at the end. */
  readonly footer?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A modal <dialog>: the browser keeps the focus inside, and gives it back where it was when the dialog goes. */
export function Dialog({ title, onClose, wide = false, footer, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class={`dialog ${wide ? "wide" : ""}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === box.current && onClose()}
    >
      <header>
        <h2 id={heading}>{title}</h2>
        <Button look="quiet" onClick={onClose} aria-label={t("shell.close")}>
          <span aria-hidden="true">✕</span>
        </Button>
      </header>
      <div class="content">{children}</div>
      {footer && <footer>{footer}</footer>}
    </dialog>
  );
}
