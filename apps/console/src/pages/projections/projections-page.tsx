import { PROJECTIONS } from '../../api/paths.ts';
import { projectionSchema } from '../../api/operations-schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { List } from '../../ui/list.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty } from '../../ui/states.tsx';
import { ProjectionCard } from './projection-card.tsx';

const REFRESH_MS = 2_000;

/** The projections of the read model: how far each is behind the log, and what can be done about it. */
export function ProjectionsPage() {
  const projections = usePages({
    path: PROJECTIONS,
    key: 'projections',
    schema: projectionSchema,
    refreshMs: REFRESH_MS,
  });
  return (
    <>
      <PageHeader
        title="Projections"
        documentTitle="Projections"
        actions={<CallButton path={PROJECTIONS} cli="projections status" />}
      >
        <p className="muted">
          What answers reads. Each is derived from the event log, and can be made anew from it.
        </p>
      </PageHeader>
      <List pages={projections} what="projections" empty={<Empty title="No projection" />}>
        {(items) =>
          items.map((projection) => (
            <ProjectionCard key={projection.name} projection={projection} />
          ))
        }
      </List>
    </>
  );
}
