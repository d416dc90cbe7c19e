import { useEffect, useEffectEvent, type RefObject } from 'react';

interface Wheel {
  /** Pixels from the left edge of the element. */
  readonly x: number;
  readonly deltaX: number;
  readonly deltaY: number;
}

/**
 * Handles the wheel over an element: sideways as it is, up and down only with Ctrl or Cmd, which is also how browsers
 * report a pinch. Otherwise the page scrolls.
 */
export function useWheel(
  element: RefObject<HTMLElement | null>,
  handle: (wheel: Wheel) => void,
): void {
  const onWheel = useEffectEvent((event: WheelEvent) => {
    const isZoom = event.ctrlKey || event.metaKey;
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!isZoom && !isSideways) return;
    event.preventDefault();
    const left = element.current?.getBoundingClientRect().left ?? 0;
    handle({
      x: event.clientX - left,
      deltaX: isZoom ? 0 : event.deltaX,
      deltaY: isZoom ? event.deltaY : 0,
    });
  });
  useEffect(() => {
    const { current } = element;
    const listener = (event: WheelEvent): void => onWheel(event);
    // React's own handlers of the wheel cannot keep the page from scrolling.
    current?.addEventListener('wheel', listener, { passive: false });
    return () => current?.removeEventListener('wheel', listener);
  }, [element]);
}
