import { Link } from 'react-router';
import { PageHeader } from '../ui/page-header.tsx';

export function NotFound() {
  return (
    <>
      <PageHeader title="Not found" documentTitle="Not found" />
      <div className="empty">
        <p className="muted">There is no page at this address.</p>
        <Link to="/services">Go to the Services</Link>
      </div>
    </>
  );
}
