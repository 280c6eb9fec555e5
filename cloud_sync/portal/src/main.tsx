import "./theme.css";
import "./components/components.css";
import { openCloud } from "./backend";
import { keepForOffline } from "./offline/register";
import { start, startFailed } from "./start";

openCloud().then(start, startFailed);
keepForOffline();
