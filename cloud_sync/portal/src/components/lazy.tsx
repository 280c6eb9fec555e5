import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Fault } from "../data/cloud";
import { FaultView } from "./fault";
import { Spinner } from "./spinner";

type Module<P> = { default: ComponentType<P> };
type State<P> = { readonly load: () => Promise<Module<P>>; readonly page?: ComponentType<P>; readonly error?: unknown };

/** A page whose code is fetched when it is first shown. `load` must be the same function from one drawing to the next. */
export function Lazy<P extends object>({ load, props }: { readonly load: () => Promise<Module<P>>; readonly props: P }) {
  const [state, setState] = useState<State<P>>({ load });
  useEffect(() => {
    let wanted = true;
    load().then(
      (module) => wanted && setState({ load, page: module.default }),
      // No network, or the server has a newer portal by now: both are mended by loading all of it anew.
      () => wanted && setState({ load, error: new Fault(navigator.onLine ? "unavailable" : "offline", "This page of the portal could not be fetched.") }),
    );
    return () => {
      wanted = false;
    };
  }, [load]);
  if (state.load !== load) return <Spinner />;
  if (state.error !== undefined) return <FaultView error={state.error} retry={() => location.reload()} />;
  if (!state.page) return <Spinner />;
  const Page = state.page as ComponentType<object>;
  return <Page {...props} />;
}
