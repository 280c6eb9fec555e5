// Its own chunk: who reads English never loads it.

type Texts = Record<string, string>;

export const arabic: Record<string, Texts> = Object.fromEntries(
  Object.entries(import.meta.glob("./ar/*.json", { eager: true })).map(([path, module]) => [
    path.replace(/^.*\/(.+)\.json$/, "$1"),
    (module as { default: Texts }).default,
  ]),
);
