// The portal's own components, all at once.

export { Button } from "./button";
export { Chip, type ChipLook } from "./chip";
export { Dialog } from "./dialog";
export { Empty } from "./empty";
export { FaultView, faultText } from "./fault";
export { Check, Field, Select, TextArea } from "./field";
export { Menu, type MenuItem } from "./menu";
export { Spinner } from "./spinner";
export { type Tab, Tabs } from "./tabs";
export { say, sayFault } from "./toast";
export { useKeys } from "./keys";
