/** A document of a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Validator {
  (document: unknown): boolean;
  /** Of the last call. */
  errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null;
}

/**
 * Returns what Kubernetes' published schemas find wrong with a document, and the fields that they do not know: the schemas
 * alone would let a misspelt field pass.
 *
 * @throws Error if there is no schema for this kind
 */
export async function findProblems(document: Manifest): Promise<string[]> {
  const { validate } = (await import(schemaOf(document))) as { validate: Validator };
  const unread = new Set<string>();
  if (!validate(watched(document, '', unread))) {
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
  return [...unread].map((path) => `${path} is not a field of ${document.kind}`);
}

/** Returns the module with the schema of a kind, which is named like `io.k8s.api.apps.v1.Deployment`. */
function schemaOf({ apiVersion, kind }: Manifest): string {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse();
  const name = [group.replace(/\.k8s\.io$/, ''), version].map(capitalize).join('');
  return `kubernetes-models/_schemas/IoK8sApi${name}${kind}`;
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Returns a view of a value. `unread` has the paths of those of its fields that nobody has read through the view. */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = new Map(
    Object.entries(value).map(([key, each]) => [key, watched(each, `${path}/${key}`, unread)]),
  );
  for (const key of entries.keys()) unread.add(`${path}/${key}`);
  return new Proxy(value, {
    get: (target, key, receiver) => {
      if (typeof key === 'symbol' || !entries.has(key)) {
        return Reflect.get(target, key, receiver) as unknown;
      }
      unread.delete(`${path}/${key}`);
      return entries.get(key);
    },
  });
}
