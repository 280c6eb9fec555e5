import "./theme.css";
import "./components/components.css";
import { openCloud } from "./backend";
import { start, startFailed } from "./start";

openCloud().then(start, startFailed);
