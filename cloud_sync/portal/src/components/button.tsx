import type { ButtonHTMLAttributes, ComponentChildren } from "preact";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  readonly look?: "plain" | "primary" | "quiet";
  readonly children: ComponentChildren;
}

/** `type` is "button" unless told otherwise: a forgotten type must not send a form. */
export function Button({ look = "plain", children, class: extra, ...rest }: Props) {
  return (
    <button type="button" {...rest} class={`button ${look} ${typeof extra === "string" ? extra : ""}`}>
      {children}
    </button>
  );
}
