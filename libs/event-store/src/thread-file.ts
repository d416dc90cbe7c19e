const FROM_SOURCE = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

/**
 * Returns the entry file of a thread beside a module, and the Node options that it needs: in a build the compiled file,
 * else the source.
 *
 * @param url `import.meta.url` of the module
 * @param entry relative path of the entry file, without its extension
 */
export function threadFile(
  url: string,
  entry: string,
): { readonly file: URL; readonly execArgv: string[] } {
  const isSource = url.endsWith('.ts');
  return {
    file: new URL(`${entry}.${isSource ? 'ts' : 'js'}`, url),
    execArgv: isSource ? FROM_SOURCE : [],
  };
}
