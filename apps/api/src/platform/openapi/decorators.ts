import type * as Swagger from '@nestjs/swagger';

/**
 * The decorators of `@nestjs/swagger` that the API uses, with the same names and parameters. They take effect when the
 * API is first described: a process that nobody asks for its description does not load that package, which is a sixth of
 * all modules.
 */

type OpenApi = typeof Swagger;

const decorations: ((openApi: OpenApi) => void)[] = [];

/** Loads `@nestjs/swagger`, and decorates what its decorators were put on. */
export async function applyOpenApiDecorators(): Promise<void> {
  const openApi = await import('@nestjs/swagger');
  for (const decorate of decorations.splice(0)) decorate(openApi);
}

const onClass =
  (decorator: (openApi: OpenApi) => ClassDecorator): ClassDecorator =>
  (target) => {
    decorations.push((openApi) => decorator(openApi)(target));
  };

const onMethod =
  (decorator: (openApi: OpenApi) => MethodDecorator): MethodDecorator =>
  (target, key, descriptor) => {
    decorations.push((openApi) => decorator(openApi)(target, key, descriptor));
  };

const onClassOrMethod =
  (decorator: (openApi: OpenApi) => ClassDecorator & MethodDecorator) =>
  <Value>(
    target: object,
    key?: string | symbol,
    descriptor?: TypedPropertyDescriptor<Value>,
  ): void => {
    decorations.push((openApi) => {
      if (key !== undefined && descriptor !== undefined) {
        decorator(openApi)(target, key, descriptor);
      } else if (typeof target === 'function') decorator(openApi)(target);
    });
  };

const onProperty =
  (decorator: (openApi: OpenApi) => PropertyDecorator): PropertyDecorator =>
  (target, key) => {
    decorations.push((openApi) => decorator(openApi)(target, key));
  };

export const ApiTags = (...tags: readonly string[]) =>
  onClass((openApi) => openApi.ApiTags(...tags));

export const ApiBasicAuth = () => onClass((openApi) => openApi.ApiBasicAuth());

export const ApiExcludeController = () => onClass((openApi) => openApi.ApiExcludeController());

export const ApiConsumes = (...mediaTypes: readonly string[]) =>
  onClassOrMethod((openApi) => openApi.ApiConsumes(...mediaTypes));

export const ApiOperation = (options: Parameters<OpenApi['ApiOperation']>[0]) =>
  onMethod((openApi) => openApi.ApiOperation(options));

export const ApiHeader = (options: Parameters<OpenApi['ApiHeader']>[0]) =>
  onMethod((openApi) => openApi.ApiHeader(options));

export const ApiBody = (options: Parameters<OpenApi['ApiBody']>[0]) =>
  onMethod((openApi) => openApi.ApiBody(options));

export const ApiResponse = (options: Parameters<OpenApi['ApiResponse']>[0]) =>
  onMethod((openApi) => openApi.ApiResponse(options));

export const ApiProperty = (options: Parameters<OpenApi['ApiProperty']>[0]) =>
  onProperty((openApi) => openApi.ApiProperty(options));

export const ApiPropertyOptional = (options: Parameters<OpenApi['ApiPropertyOptional']>[0]) =>
  onProperty((openApi) => openApi.ApiPropertyOptional(options));
