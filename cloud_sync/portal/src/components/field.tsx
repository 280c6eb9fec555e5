import type { ComponentChildren, Ref } from "preact";
import { useId } from "preact/hooks";

interface Labelled {
  readonly label: string;
  readonly hint?: string | undefined;
  /** A sentence; the field is then marked as invalid. */
  readonly error?: string | null | undefined;
}

/** What the portal's forms need of <input>. */
interface FieldProps extends Labelled {
  readonly name: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly maxLength?: number;
  readonly autoComplete?: "username" | "current-password" | "one-time-code" | "off";
  readonly type?: "text" | "password";
  readonly inputMode?: "text" | "numeric";
  readonly inputRef?: Ref<HTMLInputElement>;
}

function wired({ hint, error }: Labelled, id: string) {
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return { id, class: "input", ...(described && { "aria-describedby": described }), ...(error && { "aria-invalid": "true" as const }) };
}

function Frame({ id, label, hint, error, children }: Labelled & { readonly id: string; readonly children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

export function Field(props: FieldProps) {
  const { name, value, onValue, required = false, disabled = false, maxLength = 500, autoComplete = "off" } = props;
  const { type = "text", inputMode = "text", inputRef, label, hint, error } = props;
  const labelled = { label, hint, error };
  const id = useId();
  return (
    <Frame id={id} {...labelled}>
      <input
        {...wired(labelled, id)}
        {...{ name, value, required, disabled, maxLength, autoComplete, inputMode }}
        type={type as "text"} // the types of JSX know each kind of field alone
        ref={inputRef ?? null}
        autocapitalize="none"
        spellcheck={false}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Frame>
  );
}

interface SelectProps<T extends string> extends Labelled {
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly text: string }[];
  readonly onChoose: (value: T) => void;
}

export function Select<T extends string>({ value, choices, onChoose, ...label }: SelectProps<T>) {
  const id = useId();
  const chosen = (event: { readonly currentTarget: HTMLSelectElement }): void => {
    const found = choices.find((choice) => choice.value === event.currentTarget.value);
    if (found) onChoose(found.value);
  };
  return (
    <Frame id={id} {...label}>
      <select {...wired(label, id)} value={value} onChange={chosen}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </Frame>
  );
}

interface CheckProps {
  readonly checked: boolean;
  readonly onChoose: (checked: boolean) => void;
  readonly children: ComponentChildren;
}

export function Check({ checked, onChoose, children }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChoose(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  );
}
