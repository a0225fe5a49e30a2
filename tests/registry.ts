/**
 * A package registry on loopback, so that publishing and importing can be tried without sending
 * anything to anybody. It speaks the part of JSR's protocol that `deno publish` and `deno run` use.
 *
 * @module
 */

/** One version of a package. */
interface Package {
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  /** The contents of the files, by their path with a slash before it. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** A running registry. */
export interface Registry extends AsyncDisposable {
  /** Its address, for `JSR_URL`. */
  readonly url: string;
  /** The paths of the files of a package that was published: `@scope/name`. */
  filesOf(name: string): string[];
  /** The text of a file of a package. */
  textOf(name: string, path: string): string;
}

/** What `deno.json` says about a package. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>> | string;
}

const TAR_BLOCK = 512;

/** The files of a tar archive, by path. */
function untar(archive: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const decoder = new TextDecoder();
  let at = 0;
  while (at + TAR_BLOCK <= archive.length) {
    const header = archive.subarray(at, at + TAR_BLOCK);
    const field = (from: number, length: number): string =>
      decoder.decode(header.subarray(from, from + length)).replace(/\0.*$/s, "");
    const name = field(0, 100);
    if (name === "") break;
    const prefix = field(257, 5) === "ustar" ? field(345, 155) : "";
    const size = parseInt(field(124, 12).trim(), 8);
    const isFile = ["", "0"].includes(field(156, 1));
    const path = [prefix, name].filter(Boolean).join("/").replace(/^\.?\/?/, "/");
    const start = at + TAR_BLOCK;
    if (isFile) files.set(path, archive.slice(start, start + size));
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
  return files;
}

function packageOf(manifest: Manifest, files: Package["files"]): Package {
  const { version, exports } = manifest;
  return { version, exports: typeof exports === "string" ? { ".": exports } : exports, files };
}

function readManifest(files: Package["files"]): Manifest {
  return JSON.parse(new TextDecoder().decode(files.get("/deno.json")));
}

/** A package from a folder whose files all lie side by side. */
function readFolder(folder: URL): [name: string, Package] {
  const files = new Map(
    [...Deno.readDirSync(folder)].filter((entry) => entry.isFile)
      .map(({ name }) => [`/${name}`, Deno.readFileSync(new URL(name, folder))]),
  );
  const manifest = readManifest(files);
  return [manifest.name, packageOf(manifest, files)];
}

async function checksum(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${digest.toHex()}`;
}

/** The description of one version, with the checksum of each file. */
async function describe({ exports, files }: Package): Promise<unknown> {
  const manifest: Record<string, unknown> = {};
  for (const [path, bytes] of files) {
    manifest[path] = { size: bytes.length, checksum: await checksum(bytes) };
  }
  return { exports, manifest };
}

const NOT_FOUND = { status: 404 };

/** Takes what `deno publish` sends. */
async function receive(packages: Map<string, Package>, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, scope, name, version] =
    /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?/.exec(pathname) ?? [];
  if (request.method === "GET") {
    return version === undefined ? Response.json({}) : Response.json({}, NOT_FOUND);
  }
  const stream = request.body?.pipeThrough(new DecompressionStream("gzip"));
  const files = untar(new Uint8Array(await new Response(stream).arrayBuffer()));
  packages.set(`@${scope}/${name}`, packageOf(readManifest(files), files));
  return Response.json({ id: "1", status: "success" });
}

/** Gives what an import asks for. */
async function serve(packages: Map<string, Package>, pathname: string): Promise<Response> {
  const [, name = "", rest = ""] = /^\/(@[^/]+\/[^/]+)\/(.+)$/.exec(pathname) ?? [];
  const found = packages.get(name);
  if (found === undefined) return new Response("No such package", NOT_FOUND);
  const { version, files } = found;
  if (rest === "meta.json") {
    return Response.json({ latest: version, versions: { [version]: {} } });
  }
  if (rest === `${version}_meta.json`) return Response.json(await describe(found));
  const file = files.get(rest.replace(version, ""));
  return file === undefined ? new Response("No such file", NOT_FOUND) : new Response(file);
}

/** Starts a registry that has the packages of some folders. */
export function startRegistry(folders: readonly URL[]): Registry {
  const packages = new Map(folders.map(readFolder));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      return pathname.startsWith("/api/") ? receive(packages, request) : serve(packages, pathname);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    filesOf: (name) => [...packages.get(name)?.files.keys() ?? []],
    textOf: (name, path) => new TextDecoder().decode(packages.get(name)?.files.get(path)),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
