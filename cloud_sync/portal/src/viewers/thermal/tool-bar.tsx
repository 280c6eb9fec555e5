import { Button } from "../../components/button";
import { t } from "../../i18n";
import type { Tool } from "./use-drawing";
import { type Layers, overlayOf, type View, VIEWS } from "./views";

export interface ToolBarProps {
  readonly view: View;
  readonly layers: Layers;
  readonly show: (view: View) => void;
  readonly tool: Tool;
  readonly setTool: (tool: Tool) => void;
}

/** Whether there is anything to see in a view. */
export function available(view: View, layers: Layers): boolean {
  if (view === "temperature") return true;
  return view === "mirror" ? layers.reflection !== null : overlayOf(view, layers) !== null;
}

export function ToolBar({ view: shown, layers, show, tool, setTool }: ToolBarProps) {
  return (
    <div class="tools">
      <div class="segments" role="group" aria-label={t("thermogram.view")}>
        {VIEWS.map((view, index) => (
          <Button key={view} aria-pressed={shown === view} disabled={!available(view, layers)} title={`${t(`thermogram.view_${view}`)} (${index + 1})`} onClick={() => show(view)}>
            {t(`thermogram.view_${view}`)}
          </Button>
        ))}
      </div>
      <div class="segments" role="group" aria-label={t("thermogram.draw")}>
        {(["rectangle", "ellipse"] as const).map((shape) => (
          <Button
            key={shape}
            aria-pressed={tool === shape}
            disabled={shown === "mirror"}
            title={t(`thermogram.draw_${shape}_title`)}
            onClick={() => setTool(tool === shape ? "cursor" : shape)}
          >
            <span aria-hidden="true">{shape === "ellipse" ? "◯" : "▭"}</span> {t(`thermogram.draw_${shape}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}
