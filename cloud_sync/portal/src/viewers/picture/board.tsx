// A picture on a canvas, as sharp as the screen, with vector drawings over it, its sides marked, and a place for the keyboard.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const WIDEST = 1600;

export type PointerKind = "down" | "move" | "up" | "leave";

export interface BoardProps {
  /** Extent of the picture in its own units: pixels of the sensor or of the slice. Drawings over it are in these. */
  readonly columns: number;
  readonly rows: number;
  /** Width over height as it is shown; left out: square pixels. */
  readonly aspect?: number;
  /** Red, green, blue, alpha for each place of a canvas. Drawn anew whenever it is another function. */
  readonly draw: (width: number, height: number) => Uint8ClampedArray<ArrayBuffer>;
  readonly label: string;
  /** Letters at the left, right, top and bottom edge. */
  readonly sides: { readonly left: string; readonly right: string; readonly top?: string; readonly bottom?: string };
  readonly onPointer?: (kind: PointerKind, x: number, y: number, event: PointerEvent) => void;
  readonly onKey?: (event: KeyboardEvent) => void;
  readonly onWheel?: (event: WheelEvent) => void;
  readonly onBlur?: () => void;
  /** Fingers draw here instead of scrolling the page. */
  readonly grabs?: boolean;
  readonly describedBy?: string;
  readonly children?: ComponentChildren;
}

export function Board(props: BoardProps) {
  const { columns, rows, draw, label, sides, onPointer, onKey, onWheel, grabs = false, children } = props;
  const aspect = props.aspect ?? columns / rows;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useDeviceSize(canvas, aspect);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || !size) return;
    element.width = size.width;
    element.height = size.height;
    context.putImageData(new ImageData(draw(size.width, size.height), size.width, size.height), 0, 0);
  }, [draw, size]);

  // A wheel that scrolls slices must not scroll the page, and only a listener that is not passive may say so.
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element || !onWheel) return undefined;
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [onWheel]);

  const point = (kind: PointerKind) => (event: PointerEvent) => {
    const element = canvas.current;
    if (!element || !onPointer) return;
    const box = element.getBoundingClientRect();
    if (kind === "down") element.setPointerCapture(event.pointerId);
    onPointer(kind, ((event.clientX - box.left) / box.width) * columns, ((event.clientY - box.top) / box.height) * rows, event);
  };

  return (
    <div class="board" dir="ltr" style={{ aspectRatio: String(aspect) }}>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={label}
        {...(props.describedBy ? { "aria-describedby": props.describedBy } : {})}
        class={grabs ? "grabs" : ""}
        onPointerDown={point("down")}
        onPointerMove={point("move")}
        onPointerUp={point("up")}
        onPointerCancel={point("up")}
        onPointerLeave={point("leave")}
        {...(onKey ? { onKeyDown: onKey } : {})}
        {...(props.onBlur ? { onBlur: props.onBlur } : {})}
      />
      <svg viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true">
        {children}
      </svg>
      <span class="side left" aria-hidden="true">{sides.left}</span>
      <span class="side right" aria-hidden="true">{sides.right}</span>
      {sides.top && <span class="side top" aria-hidden="true">{sides.top}</span>}
      {sides.bottom && <span class="side bottom" aria-hidden="true">{sides.bottom}</span>}
    </div>
  );
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function useDeviceSize(canvas: { readonly current: HTMLCanvasElement | null }, aspect: number): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const measure = (): void => {
      const shown = element.getBoundingClientRect().width * (globalThis.devicePixelRatio || 1);
      const width = Math.min(WIDEST, Math.max(1, Math.round(shown)));
      const height = Math.max(1, Math.round(width / aspect));
      setSize((before) => (before?.width === width && before.height === height ? before : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [aspect]);
  return size;
}
