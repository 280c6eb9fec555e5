import { useEffect, useState } from "preact/hooks";
import type { Cloud, Session, WorklistQuery } from "../data/cloud";
import type { Summary } from "../data/record";
import { address } from "../router";

const ALL: WorklistQuery = { reading: "all", urgency: null, modality: null, mine: false, find: "" };

export function Worklist({ cloud }: { readonly cloud: Cloud; readonly session: Session }) {
  const [items, setItems] = useState<readonly Summary[]>([]);
  useEffect(() => cloud.watchWorklist(ALL, (page) => setItems(page.items), () => {}), [cloud]);
  return (
    <ul>
      {items.slice(0, 12).map((item) => (
        <li key={item.id}>
          <a href={address.record(item.site, item.id)}>{`${item.patient} ${item.modality} ${item.urgency}`}</a>
        </li>
      ))}
    </ul>
  );
}
