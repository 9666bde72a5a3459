import '../style/base.css';
import '../style/floor.css';
import '../style/topology.css';
import '../style/events.css';
import { render } from 'preact';
import { FloorPage } from './floor-page.js';

const page = document.getElementById('page');
if (page !== null) render(<FloorPage path={location.pathname} />, page);
