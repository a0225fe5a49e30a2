/**
 * An executable model of the memory stack of kvm-unit-tests, for eight architectures and every edition
 * of the code since its 2020 rewrite.
 *
 * A *machine* is an architecture, memory, and an edition. Calls of the modelled code run on it; every
 * byte that they leave in memory is the byte that the real program leaves.
 *
 * @example Allocate a page of a small s390x area, and look at the area
 * ```ts
 * import { ANY_AREA, createMachine, declareRam, DEFAULT_EDITION, pfn } from "@buddyscope/sim";
 * import { S390X } from "@buddyscope/sim/arch";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = createMachine({ arch: S390X, edition: DEFAULT_EDITION });
 * declareRam(machine, pfn(0x100), pfn(0x110));
 * machine.pages.initArea(ANY_AREA, pfn(0x100), pfn(0x110));
 * assertEquals(machine.pages.allocPages(0, 0), 0x101000n);
 * assertEquals(machine.pages.areas()[0]?.states[0], { state: 0x80, count: 1 });
 * ```
 *
 * @module
 */

export {
  areaNumber,
  byteCount,
  bytesOfPages,
  identityPhysAddr,
  identityVirtAddr,
  isAlignedToOrder,
  order,
  orderOfPages,
  pageCount,
  pagesBetween,
  pagesOfOrder,
  pfn,
  PFN_LIMIT,
  pfnAfter,
  pfnOfPhysAddr,
  physAddr,
  physAddrOfPfn,
  virtAddr,
} from "./src/units.ts";
export type {
  AreaNumber,
  ByteCount,
  Order,
  PageCount,
  Pfn,
  PhysAddr,
  Unit,
  VirtAddr,
} from "./src/units.ts";
export { alignUpWrapped, isPowerOfTwo, shiftLeft, wordBytes, wrapToWord } from "./src/word.ts";
export type { ByteOrder, WideShift, WordBits } from "./src/word.ts";
export {
  cAssert,
  formatSource,
  formatStopped,
  outcomeOf,
  stop,
  unreachable,
} from "./src/outcome.ts";
export type {
  AssertionFailed,
  Fault,
  FaultAccess,
  FaultReason,
  Outcome,
  Returned,
  SourceLine,
  Stopped,
  UndefinedBehaviour,
} from "./src/outcome.ts";
export { areaMaskOfName, areaNameOf, pageTableFormatOf } from "./src/arch.ts";
export type { Arch, AreaAlias, AreaTable, AreaTableName, CarvingStep, Zone } from "./src/arch.ts";
export type { Assertion, AssertionName, AssertionTable, SourceText } from "./src/sources.ts";
export { areaTableOf, DEFAULT_EDITION, editionNamed, EDITIONS } from "./src/edition.ts";
export type { Edition, Facts, FlagValues, PageStateFormat, PageStatus } from "./src/edition.ts";
export type { BootPromiseFacts } from "./src/boot_promise_facts.ts";
export type { PromiseFacts } from "./src/promise_facts.ts";
export {
  createPageTables,
  describeTables,
  e820TypeOfKind,
  endOfRange,
  formatMemoryRange,
  formatTables,
  gapsIn,
  HostAccount,
  identityMapPages,
  installLargePage,
  installPage,
  isMemory,
  MAX_MAP_LINE_LENGTH,
  MAX_MAP_RANGES,
  MAX_MAP_TEXT_LENGTH,
  memoryMap,
  memoryMapOfText,
  normalizeRanges,
  openPageTables,
  parseMemoryMapText,
  QEMU_ARM_VIRT,
  QEMU_FROM_ZERO,
  QEMU_PC,
  QEMU_PC_AMD,
  QEMU_Q35,
  QEMU_Q35_AMD,
  QEMU_RISCV_VIRT,
  qemuMemoryMap,
  Ram,
  rangeAt,
  translate,
  TranslatedSpace,
  usableRamBytes,
  virtToPtePhys,
} from "./src/memory/mod.ts";
export type {
  AccessGuard,
  AccessSize,
  AddressSpace,
  AddressSpan,
  Backing,
  ByteRun,
  DiscardReason,
  EfiType,
  FillReason,
  FlatLayout,
  HostEvent,
  Installation,
  JournalledStore,
  Keeper,
  LevelCount,
  LookupAddresses,
  MapFormat,
  MapNote,
  MappedRun,
  MemoryKind,
  MemoryMap,
  MemoryRange,
  MissingTable,
  NormalizedMap,
  NormalizedRange,
  OldPages,
  PageTables,
  PageTablesOptions,
  PageUsage,
  ParsedMap,
  PcLayout,
  PeekRun,
  PowerOn,
  PresentPages,
  QemuLayout,
  RamOptions,
  RangeKind,
  Relocation,
  ReservedRange,
  TableAllocator,
  TableMemory,
  TableSummary,
  TextRange,
  TouchedRun,
  TranslatedSpaceOptions,
  Translation,
  UsageBits,
  WalkLevel,
  WritableStore,
  WriteJournal,
  WriteLog,
  WriteWitness,
} from "./src/memory/mod.ts";
export { NO_POLICIES, perform, reportFreePages, setBalloon, setPolicies } from "./src/host/mod.ts";
export type {
  HookPlace,
  HostedMachine,
  HostPolicies,
  HostState,
  RepeatedAct,
  ReportForm,
} from "./src/host/mod.ts";
export { zoneOf } from "./src/page_allocator.ts";
export type {
  AllocatorCall,
  AllocatorEvent,
  AllocatorObserver,
  AllocatorResult,
  AreaView,
  EventListener,
  EventScope,
  FreeListView,
  ListEnd,
  ListWalk,
  PageAllocator,
  StateRun,
} from "./src/page_allocator.ts";
export { flagValuesOf, readRequestFlags, requestFlags } from "./src/request_flags.ts";
export type { RequestRead, RequestWishes } from "./src/request_flags.ts";
export {
  ANY_AREA,
  decodePageState,
  descriptorLayout,
  encodePageState,
  isUsable,
  pageStateFormatOf,
  reservationOf,
} from "./src/alloc_page/mod.ts";
export type { DescriptorLayout, PageState, ReservationForm } from "./src/alloc_page/mod.ts";
export {
  cloneMachine,
  createMachine,
  declareRam,
  recordEvents,
  runOnMachine,
  takeEvents,
} from "./src/machine.ts";
export type { Machine, MachineOptions } from "./src/machine.ts";
export type { Engine } from "./src/page_engines.ts";
export {
  CALLS,
  describeValue,
  isName,
  LANGUAGE,
  nearestWord,
  NO_OPTIONS,
  parseScenario,
  printScenario,
  printStatement,
  runScenario,
  scenario,
  ScenarioBuilder,
  ScenarioError,
  shownText,
  usageOf,
  VIEWS,
} from "./src/scenario/mod.ts";
export type {
  Argument,
  BrokenRule,
  CallInput,
  CallOptions,
  CallRow,
  CallStatement,
  Comparison,
  Expectation,
  ExpectationResult,
  ExpectStatement,
  LanguageEntry,
  LanguageSection,
  MachineSettings,
  MachineStatement,
  NotRun,
  Operand,
  OptionName,
  Parameter,
  ParsedScenario,
  ParseOptions,
  QuantityName,
  RequestOptions,
  ResultKind,
  Run,
  Scenario,
  ScenarioEnvironment,
  ScenarioProblem,
  ScenarioSource,
  ShowRequest,
  ShowStatement,
  Statement,
  Step,
  StepEnd,
  StoppedAt,
  UnjudgedFrom,
  Value,
  View,
} from "./src/scenario/mod.ts";
export {
  boot,
  bootMachine,
  firmwaresOf,
  qemuMachinesOf,
  qemuMemoryOf,
  setUpVm,
  smpCpuDestroy,
  smpCpuSetup,
  switchOn,
} from "./src/boot/mod.ts";
export type {
  Booted,
  BootEnd,
  BootOptions,
  BootPoint,
  QemuMachine,
  S390xCpu,
} from "./src/boot/mod.ts";
export { calloc, free, malloc, memalign } from "./src/alloc.ts";
export { EARLY_LOG_ROOM, physAllocShow } from "./src/alloc_phys.ts";
export type { AllocOps, Backend, EarlyAllocator, EarlyRegion } from "./src/alloc_phys.ts";
export { VM_MAGIC } from "./src/vmalloc/mod.ts";
export type { MemoryStack, VirtualRange, VmallocState } from "./src/vmalloc/mod.ts";
export type { Mmu, MmuOptions, TableListener } from "./src/mmu.ts";
export type { BootInputs, MemoryRegion, Platform } from "./src/platform.ts";
export type {
  BlockRun,
  BootEvent,
  EarlyAlignmentEvent,
  EarlyInitEvent,
  EarlyUnusedEvent,
  InitAreaEvent,
  MemalignEvent,
  OpsEnableEvent,
  PagesEvent,
  SetupMmuBeginEvent,
  SetupMmuEndEvent,
  VirtualTopEvent,
} from "./src/boot_event.ts";
export type {
  BootAssertion,
  BootCaller,
  BootDefaults,
  BootFormat,
  BootStepName,
  Firmware,
  FirmwareRange,
  MmuStep,
  VirtioSlots,
} from "./src/arch_boot.ts";
export type { StackFacts } from "./src/stack_facts.ts";
export type { VmallocPromiseFacts } from "./src/vmalloc_promise_facts.ts";
export { SwitchableSpace } from "./src/memory/switchable_space.ts";
export type {
  ElfRootNote,
  EntryTest,
  LeafFormat,
  LookupMiss,
  MappingKind,
  PageTableFormat,
  RangeLoop,
  SplitFormat,
  TableAllocation,
  TableEntryFormat,
  TableLevel,
} from "./src/arch.ts";
export type {
  StackAssertion,
  StackAssertionName,
  StackAssertionTable,
} from "./src/assertions_stack.ts";
