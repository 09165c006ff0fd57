CREATE TABLE room (
  room_no VARCHAR(8) PRIMARY KEY,
  kind VARCHAR(16) NOT NULL,
  price DECIMAL(8,2) NOT NULL,
  status VARCHAR(8) NOT NULL,
  times INT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO room VALUES
  ('101', '标准间', 198.00, '空闲', 0),
  ('102', '标准间', 198.00, '空闲', 0),
  ('103', '标准间', 218.00, '空闲', 0),
  ('201', '大床房', 258.00, '空闲', 0),
  ('202', '大床房', 258.00, '空闲', 0),
  ('203', '大床房', 288.00, '空闲', 0),
  ('301', '家庭房', 368.00, '空闲', 0),
  ('302', '家庭房', 398.00, '空闲', 0),
  ('401', '套房', 688.00, '空闲', 0),
  ('402', '套房', 888.00, '空闲', 0);
