export { pageMapOf, parsePageMap } from "./parse_page_map.ts";
export { printPageMap } from "./page_map.ts";
export { areaFromMap } from "./area_from_map.ts";
