// The portal's own components, all at once.

export { Button } from "./button";
export { Chip, type ChipLook } from "./chip";
export { Dialog } from "./dialog";
export { Empty } from "./empty";
export { FaultView, faultText } from "./fault";
export { Check, Field, Select } from "./field";
export { Menu, type MenuItem } from "./menu";
export { Spinner } from "./spinner";
export { say, sayFault } from "./toast";
export { useKeys } from "./keys";
